/** All cards, in the order of the shelves. */
import { type Card, SHELVES } from "./card";
import { gradient } from "./cards/gradient";
import { gridSearch } from "./cards/gridSearch";
import { leastSquares } from "./cards/leastSquares";
import { linear } from "./cards/linear";
import { quadratic } from "./cards/quadratic";
import { shares } from "./cards/shares";

const ALL: readonly Card[] = [linear, leastSquares, shares, quadratic, gridSearch, gradient];

export const CARDS: readonly Card[] = SHELVES.flatMap((shelf) => ALL.filter((card) => card.shelf === shelf));
