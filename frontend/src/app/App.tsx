import { MantineProvider } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { theme } from "../theme/mantine";
import { go, useRoute } from "./router";

const Gallery = lazy(() => import("./gallery/Gallery").then((module) => ({ default: module.Gallery })));
const BoardPage = lazy(() => import("./BoardPage").then((module) => ({ default: module.BoardPage })));
const Compare = lazy(() => import("./compare/Compare").then((module) => ({ default: module.Compare })));
const DataPage = lazy(() => import("./data/DataPage").then((module) => ({ default: module.DataPage })));
const DataSetPage = lazy(() => import("./data/DataSetPage").then((module) => ({ default: module.DataSetPage })));
const Runs = lazy(() => import("./runs/Runs").then((module) => ({ default: module.Runs })));
const Learn = lazy(() => import("./learn/Learn").then((module) => ({ default: module.Learn })));
const Classes = lazy(() => import("./classes/Classes").then((module) => ({ default: module.Classes })));
const Join = lazy(() => import("./classes/Join").then((module) => ({ default: module.Join })));
const Klass = lazy(() => import("./classes/Klass").then((module) => ({ default: module.Klass })));
const Reference = lazy(() => import("./reference/Reference").then((module) => ({ default: module.Reference })));

/** The nonce that the server gave this page; styles made at run time carry it. */
const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";

function Page() {
  const route = useRoute();
  const { t } = useTranslation();
  if (route.page === "gallery") return <Gallery />;
  if (route.page === "layers") return <Reference />;
  if (route.page === "learn") return <Learn id={route.id} />;
  if (route.page === "data") return <DataPage />;
  if (route.page === "dataSet") return <DataSetPage key={route.id} id={route.id} />;
  if (route.page === "compare") return <Compare key={route.id} id={route.id} />;
  if (route.page === "runs") return <Runs key={route.id} id={route.id} />;
  if (route.page === "classes") return <Classes />;
  if (route.page === "join") return <Join code={route.code} />;
  if (route.page === "class") return <Klass key={route.id} id={route.id} />;
  if (route.page === "board") return <BoardPage key={route.id} id={route.id} />;
  return (
    <main className="unknown">
      <h1>{t("unknown.title")}</h1>
      <p>{t("unknown.text")}</p>
      <a
        href="/"
        onClick={(event) => {
          event.preventDefault();
          go("/");
        }}
      >
        {t("unknown.home")}
      </a>
    </main>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Suspense fallback={null}>
        <Page />
      </Suspense>
    </MantineProvider>
  );
}
