import { Dock } from "../dock";

/** A board: editor above, dock below. */
export function BoardPage({ id }: { id: string }) {
  return (
    <main data-board={id}>
      <Dock />
    </main>
  );
}
