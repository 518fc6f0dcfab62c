import { expect, test } from "vitest";
import { dot, leastSquares, rank, solve } from "./matrix";

const A = [
  [1, 2, 2],
  [1, 3, 4],
  [1, 4, 5],
  [1, 6, 8],
];

test("C-031: a line's and a plane's prediction", () => {
  expect(dot([5, 10], [1, 3])).toBe(35);
  expect(dot([5, 10, 10], [1, 3, 3])).toBe(65);
});

test("C-032, T-010, V-025: the notes' four rows", () => {
  const found = leastSquares(A, [10, 12, 15, 18]);
  [17 / 3, 3, -2 / 3].forEach((wanted, at) => {
    expect(found.solution[at]).toBeCloseTo(wanted, 9);
  });
  expect(found.sse).toBeCloseTo(2 / 3, 9);
  expect(found.gram).toEqual([
    [4, 15, 19],
    [15, 65, 84],
    [19, 84, 109],
  ]);
  expect(found.moment).toEqual([55, 224, 287]);
  // What is left over stands at a right angle to every column.
  for (const column of [0, 1, 2]) {
    expect(
      dot(
        A.map((row) => row[column] as number),
        found.residuals,
      ),
    ).toBeCloseTo(0, 9);
  }
  expect([found.exact, found.free]).toEqual(["none", false]);
});

test("C-033: one, none and many", () => {
  const two = [
    [1, 1],
    [1, 3],
  ];
  const one = leastSquares(two, [2, 6]);
  expect([one.exact, one.sse]).toEqual(["one", expect.closeTo(0, 12)]);
  expect(one.solution[1]).toBeCloseTo(2, 9);
  // One point: every line through it, of which the shortest a is taken.
  const many = leastSquares([[1, 2]], [5]);
  expect([many.exact, many.free, many.rank]).toEqual(["many", true, 1]);
  expect(many.solution[0]).toBeCloseTo(1, 9);
  expect(many.solution[1]).toBeCloseTo(2, 9);
  // Two answers to the same question: none is right, and still many are as good.
  const both = leastSquares(
    [
      [1, 2],
      [1, 2],
    ],
    [4, 6],
  );
  expect([both.exact, both.free]).toEqual(["none", true]);
  expect(both.predictions[0]).toBeCloseTo(5, 9);
});

test("a matrix without an inverse solves nothing alone", () => {
  expect(
    solve(
      [
        [1, 2],
        [2, 4],
      ],
      [1, 2],
    ),
  ).toBeNull();
  expect(
    rank([
      [1, 2],
      [2, 4],
    ]),
  ).toBe(1);
  expect(
    solve(
      [
        [0, 2],
        [1, 0],
      ],
      [4, 3],
    ),
  ).toEqual([3, 2]);
});
