import { beforeAll, expect, test, vi } from "vitest";
import { colourise, mixClasses, picture } from "./bitmap";
import { DIVERGING, GREY, type Rgb, unpacked } from "./colours";
import { signed } from "./signed";

beforeAll(() => {
  // jsdom draws nothing and has no pixels.
  vi.stubGlobal(
    "ImageData",
    class {
      data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(4 * width * height);
      }
    },
  );
});

const pixel = (image: ImageData, at: number) => [...image.data.subarray(4 * at, 4 * at + 4)];

test("bytes become the table's colours, opaque, from where one asks", () => {
  const image = colourise(Uint8Array.from([9, 9, 0, 255, 128, 7]), 2, 2, GREY, 2);
  expect([0, 1, 2, 3].map((at) => pixel(image, at))).toEqual([
    [0, 0, 0, 255],
    [255, 255, 255, 255],
    [128, 128, 128, 255],
    [7, 7, 7, 255],
  ]);
});

test("a picture of three planes is in colour, of one is grey", () => {
  const planes = Uint8Array.from([10, 11, 20, 21, 30, 31]);
  expect(pixel(picture(planes, 3, 2, 1), 1)).toEqual([11, 21, 31, 255]);
  expect(pixel(picture(planes, 1, 2, 1, 2), 0)).toEqual([20, 20, 20, 255]);
});

test("the plane shows the ground where no class leads and the class's colour where one is sure", () => {
  const [ground, blue, orange]: Rgb[] = [
    [100, 100, 100],
    [0, 0, 200],
    [200, 100, 0],
  ];
  const colours = [blue, orange] as Rgb[];
  const probability = Uint8Array.from([128, 255, 0, 128, 0, 255]);
  const half = mixClasses(Uint8Array.from([...probability.subarray(0, 1), 128]), 2, 1, colours, ground as Rgb, 1);
  expect(pixel(half, 0)).toEqual([100, 100, 100, 255]);
  const sure = mixClasses(Uint8Array.from([255, 0]), 2, 1, colours, ground as Rgb, 1);
  expect(pixel(sure, 0)).toEqual([0, 0, 200, 255]);
});

test("a signed table has its neutral middle at zero and is as strong on either side", () => {
  const table = DIVERGING.dark;
  const lopsided = signed(table, -1, 3);
  const zero = unpacked(lopsided[Math.round(255 / 4)] as number);
  const middle = unpacked(table[128] as number);
  for (let i = 0; i < 3; i++) expect(Math.abs((zero[i] as number) - (middle[i] as number))).toBeLessThan(6);
  expect(lopsided[255]).toBe(table[255]);
  expect(lopsided[0]).not.toBe(table[0]);
  expect(signed(table, 0, 0)).toHaveLength(256);
});
