/** Weights, biases and the input of a network of two layers, to be typed. */
import type { ReactNode } from "react";
import type { TwoLayers } from "./numbers/backprop";
import { Grid, Num, Row } from "./parts";
import { put, sub } from "./write";

/** Two inputs, three hidden units, two outputs. */
export const TWO_LAYERS: TwoLayers = {
  w1: [
    [0.5, -0.2],
    [0.3, 0.8],
    [-0.6, -0.1],
  ],
  b1: [0.1, -0.1, 0.2],
  w2: [
    [0.7, -0.4, 0.2],
    [-0.3, 0.5, 0.9],
  ],
  b2: [0.05, -0.05],
};

interface LayersFieldsProps {
  layers: TwoLayers;
  x: readonly number[];
  onLayers: (layers: TwoLayers) => void;
  onX: (x: number[]) => void;
  children?: ReactNode;
}

export function LayersFields({ layers, x, onLayers, onX, children }: LayersFieldsProps) {
  const joined = (w: TwoLayers["w1"], b: readonly number[]) => w.map((row, at) => [...row, b[at] ?? 0]);
  const parted = (rows: readonly (readonly number[])[]) =>
    [rows.map((row) => row.slice(0, -1)), rows.map((row) => row[row.length - 1] ?? 0)] as const;
  return (
    <>
      <Row>
        {x.map((value, at) => (
          <Num
            key={sub("x", at)}
            name={sub("x", at + 1)}
            value={value}
            low={-100}
            high={100}
            onChange={(next) => onX(put(x, at, next))}
          />
        ))}
        {children}
      </Row>
      <Grid
        title="W₁, b₁"
        rows={joined(layers.w1, layers.b1)}
        columns={["w₁", "w₂", "b"]}
        low={-100}
        high={100}
        onChange={(rows) => {
          const [w1, b1] = parted(rows);
          onLayers({ ...layers, w1, b1 });
        }}
      />
      <Grid
        title="W₂, b₂"
        rows={joined(layers.w2, layers.b2)}
        columns={["w₁", "w₂", "w₃", "b"]}
        low={-100}
        high={100}
        onChange={(rows) => {
          const [w2, b2] = parted(rows);
          onLayers({ ...layers, w2, b2 });
        }}
      />
    </>
  );
}
