import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { ReactFlowProvider } from "@xyflow/react";
import { PanelRightOpen } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBoard } from "../state/board";
import { useSelection } from "../state/selection";
import { useUi } from "../state/ui";
import { Bar } from "./Bar";
import { Breadcrumbs } from "./Breadcrumbs";
import classes from "./board.module.css";
import { Canvas } from "./Canvas";
import { ContextMenu } from "./ContextMenu";
import { Gone } from "./Gone";
import { Inspector } from "./Inspector";
import { useKeys } from "./keys";
import { Lesson } from "./Lesson";
import { Notices } from "./Notices";
import { Palette } from "./Palette";
import { QuickAdd } from "./QuickAdd";
import { Rail } from "./Rail";
import { Resizer } from "./Resizer";
import { Shortcuts } from "./Shortcuts";
import { StatusBar } from "./StatusBar";
import { useSlots } from "./slots";
import { Tools } from "./Tools";
import { Unfolded } from "./Unfolded";
import { Unrolled } from "./Unrolled";

/** The whole page of a board: bar, palette, canvas, inspector, dock. */
export function BoardEditor() {
  const narrow = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false });
  const ended = useBoard((state) => state.ended);
  const palette = useUi((state) => state.palette);
  const inspector = useUi((state) => state.inspector);
  const unfolded = useUi((state) => state.unfolded);
  const unrolled = useUi((state) => state.unrolled);
  const { Dock } = useSlots();
  useKeys();
  if (ended !== null) return <Gone code={ended} />;
  return (
    <ReactFlowProvider>
      <div
        className={classes.page}
        data-narrow={narrow || undefined}
        style={{ ["--palette" as string]: `${palette}px`, ["--inspector" as string]: `${inspector}px` }}
      >
        <Bar />
        <div className={classes.palette}>{narrow ? <Rail /> : <Palette />}</div>
        <main className={classes.middle}>
          <div className={classes.canvas}>
            {unrolled ? <Unrolled key={unrolled} path={unrolled} /> : unfolded ? <Unfolded /> : <Canvas />}
            <div className={classes.over}>
              {!unfolded && !unrolled && <Breadcrumbs />}
              <Tools />
            </div>
          </div>
          <StatusBar />
          <Dock />
          {!narrow && (
            <>
              <Resizer panel="palette" edge="right" />
              <Resizer panel="inspector" edge="left" />
            </>
          )}
        </main>
        {narrow ? (
          <InspectorDrawer />
        ) : (
          <div className={classes.inspector}>
            <Inspector />
          </div>
        )}
      </div>
      <QuickAdd />
      <ContextMenu />
      <Shortcuts />
      <Lesson />
      <Notices />
    </ReactFlowProvider>
  );
}

/** On a narrow screen the inspector comes over the canvas, when it is asked for. */
function InspectorDrawer() {
  const { t } = useTranslation("editor");
  const [open, setOpen] = useState(false);
  const nodes = useSelection((state) => state.nodes);
  useEffect(() => {
    if (nodes.size === 0) setOpen(false);
  }, [nodes]);
  return (
    <>
      <button
        type="button"
        className={classes.opener}
        aria-label={t("inspector.open")}
        title={t("inspector.open")}
        data-testid="open-inspector"
        data-selected={nodes.size > 0 || undefined}
        onClick={() => setOpen(true)}
      >
        <PanelRightOpen size={20} aria-hidden />
      </button>
      <Drawer
        opened={open}
        onClose={() => setOpen(false)}
        position="right"
        size={320}
        withOverlay={false}
        lockScroll={false}
        trapFocus={false}
        closeButtonProps={{ "aria-label": t("inspector.close"), size: 44 }}
        title={t("inspector.label")}
        classNames={{
          inner: classes.drawerInner,
          content: classes.drawer,
          header: classes.drawerHead,
          body: classes.drawerBody,
        }}
      >
        <Inspector />
      </Drawer>
    </>
  );
}
