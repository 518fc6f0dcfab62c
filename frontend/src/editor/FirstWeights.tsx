import type { Json } from "../graph/document";
import { useCatalogue } from "../state/catalogue";
import * as actions from "./actions";
import { FieldGroup } from "./FieldGroup";
import { FieldInput } from "./FieldInput";
import type { Known } from "./useNode";

/** Draws that have a scale of their own; the others follow from the layer's size. */
const SCALED: ReadonlySet<string> = new Set(["normal", "uniform"]);

/** How a layer's first weights are drawn. */
export function FirstWeights({ known: { id, node }, disabled }: { known: Known; disabled: boolean }) {
  const fields = useCatalogue((state) => state.catalogue?.node);
  const how = node.init?.how ?? "torch";
  const shown = (fields ?? []).filter(({ name }) => name !== "init.scale" || SCALED.has(how));
  return (
    <FieldGroup fields={shown}>
      {shown.map((field) => {
        const name = field.name.slice("init.".length) as "how" | "scale";
        return (
          <FieldInput
            key={name}
            field={field}
            value={node.init?.[name]}
            disabled={disabled}
            compact
            onChange={(value) => actions.changeInit(id, name, value, field.default as Json)}
          />
        );
      })}
    </FieldGroup>
  );
}
