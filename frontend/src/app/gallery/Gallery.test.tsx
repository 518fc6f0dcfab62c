import { MantineProvider } from "@mantine/core";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import * as http from "../../wire/http";
import type { BoardInfo, Catalogue, GalleryCard } from "../../wire/types";
import { ago } from "./ago";
import { Gallery } from "./Gallery";

const card: GalleryCard = {
  name: "spiral",
  title: "Spiral",
  section: "Boards to begin with",
  origin: "",
  lesson: false,
  summary: "Two classes wind round each other.",
  tries: ["Choose the circle."],
  parameters: 114,
  macs: 96,
  data: "Points",
  document: { nodes: { points: { type: "points" }, loss: { type: "cross_entropy" } } },
};
const board = { id: "b1", title: "Mine", role: "owner", changed: 1, parameters: 61_706, data: "" } as BoardInfo;

beforeEach(() => {
  window.history.replaceState(null, "", "/");
  Object.defineProperty(document, "fonts", { configurable: true, value: { load: () => Promise.resolve([]) } });
  vi.spyOn(http, "gallery").mockResolvedValue([card]);
  vi.spyOn(http, "boards").mockResolvedValue([board]);
  vi.spyOn(http, "layers").mockResolvedValue({ families: [], layers: [] } as unknown as Catalogue);
  vi.spyOn(http, "boardDocument").mockResolvedValue({});
});

const show = () =>
  render(
    <MantineProvider>
      <Gallery />
    </MantineProvider>,
  );

test("a card says what the board is and opens a copy of one's own", async () => {
  const create = vi.spyOn(http, "createBoard").mockResolvedValue({ ...board, id: "new" });
  show();
  const shown = await screen.findByTestId("gallery-card-spiral");
  expect(shown.textContent).toContain("Two classes wind round each other.");
  expect(shown.textContent).toContain("114");
  expect(shown.textContent).toContain("Choose the circle.");
  expect(within(shown).getByRole("img", { name: "The graph of Spiral" })).toBeTruthy();
  await userEvent.click(within(shown).getByRole("button", { name: "Open Spiral" }));
  expect(create).toHaveBeenCalledWith({ gallery: "spiral" });
  expect(window.location.pathname).toBe("/b/new");
});

const vgg: GalleryCard = {
  ...card,
  name: "vgg-16",
  title: "VGG-16",
  section: "The CNN family",
  origin: "Simonyan and Zisserman 2014",
  summary: "Only 3×3 convolutions.",
  data: "Pictures",
};

const names = () => screen.queryAllByTestId(/^gallery-card-/).map((each) => each.getAttribute("data-testid"));

test("boards stand in sections, one's own behind the first of them", async () => {
  vi.spyOn(http, "gallery").mockResolvedValue([card, vgg]);
  show();
  await screen.findByTestId("gallery-card-vgg-16");
  const headings = screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
  expect(headings).toEqual(["Boards to begin with", "Your boards", "The CNN family"]);
  const small = screen.getByTestId("gallery-card-vgg-16");
  expect(small.textContent).toContain("Simonyan and Zisserman 2014");
  expect(small.textContent).not.toContain("Choose the circle.");
  await userEvent.click(screen.getByRole("button", { name: "The CNN family" }));
  expect(names()).toEqual(["gallery-card-vgg-16"]);
  expect(screen.queryByTestId("board-b1")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "All" }));
  expect(names()).toEqual(["gallery-card-spiral", "gallery-card-vgg-16"]);
});

test("a board is found by words of its origin; what is not found is said", async () => {
  vi.spyOn(http, "gallery").mockResolvedValue([card, vgg]);
  show();
  const search = await screen.findByTestId("gallery-search");
  await userEvent.type(search, "2014 zissermán");
  expect(names()).toEqual(["gallery-card-vgg-16"]);
  await userEvent.type(search, " nothing");
  expect(names()).toEqual([]);
  expect(screen.getByTestId("nothing").textContent).toContain("“2014 zissermán nothing”");
  await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  expect(names()).toHaveLength(2);
  await userEvent.type(search, "spiral");
  await userEvent.keyboard("{Escape}");
  expect(names()).toHaveLength(2);
});

test("a server that does not answer is said, and asked again", async () => {
  const failing = vi.spyOn(http, "gallery").mockRejectedValueOnce(new Error("no connection"));
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("no connection");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByTestId("gallery-card-spiral")).toBeTruthy();
  expect(failing).toHaveBeenCalledTimes(2);
});

test("one's own board is opened, duplicated, and deleted only when asked twice", async () => {
  const create = vi.spyOn(http, "createBoard").mockRejectedValue(new Error("full"));
  const remove = vi.spyOn(http, "deleteBoard").mockResolvedValue(undefined);
  show();
  const mine = await screen.findByTestId("board-b1");
  expect(within(mine).getByRole("link", { name: "Mine" }).getAttribute("href")).toBe("/b/b1");
  await userEvent.click(screen.getByTestId("board-menu-b1"));
  await userEvent.click(await screen.findByTestId("board-duplicate"));
  expect(create).toHaveBeenCalledWith({ copy: "b1" });
  await userEvent.click(screen.getByTestId("board-menu-b1"));
  await userEvent.click(await screen.findByTestId("board-delete"));
  expect(remove).not.toHaveBeenCalled();
  await userEvent.click(await screen.findByTestId("confirm-delete"));
  expect(remove).toHaveBeenCalledWith("b1");
  await waitFor(() => expect(screen.queryByTestId("board-b1")).toBeNull());
});

const upload = async (content: string, name = "board.json") => {
  const file = new File([content], name, { type: "application/json" });
  await userEvent.upload(await screen.findByTestId("upload-file"), file);
};

test("a file that is no JSON, or too large, is refused here; what the server refuses is said in its words", async () => {
  const create = vi.spyOn(http, "createBoard").mockRejectedValue(new http.Refusal(422, "nodes › a: no such layer."));
  show();
  await screen.findByTestId("gallery-card-spiral");
  await upload("{", "broken.json");
  expect((await screen.findByTestId("refusal")).textContent).toContain("“broken.json” is no board");
  await upload(" ".repeat(1_000_001));
  await waitFor(() => expect(screen.getByTestId("refusal").textContent).toContain("at most 1 MB"));
  expect(create).not.toHaveBeenCalled();
  await upload('{"nodes": {}}');
  await waitFor(() => expect(screen.getByTestId("refusal").textContent).toContain("nodes › a: no such layer."));
  expect(create).toHaveBeenCalledWith({ document: { nodes: {} } });
});

test("the time of an edit is said in words", () => {
  expect(ago(1000, 1030, "en")).toBeNull();
  expect(ago(1000, 1000 + 125, "en")).toBe("2 minutes ago");
  expect(ago(0, 86_400 * 3, "en")).toBe("3 days ago");
  expect(ago(0, 86_400 * 800, "en")).toBe("2 years ago");
  expect(ago(50, 0, "en")).toBeNull();
});
