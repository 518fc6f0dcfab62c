/** Icons by the names that layers give them. */
import {
  AlignVerticalDistributeCenter,
  ArrowLeftRight,
  AudioWaveform,
  BookA,
  Boxes,
  ChartBar,
  ChartScatter,
  ChevronsUp,
  CircleDot,
  Combine,
  Component,
  Crosshair,
  Equal,
  EqualApproximately,
  Grid3x3,
  Layers,
  LogIn,
  LogOut,
  type LucideIcon,
  Merge,
  Network,
  PencilLine,
  Plus,
  RectangleHorizontal,
  Repeat,
  Ruler,
  RulerDimensionLine,
  Scale,
  ScanSearch,
  Shapes,
  Shuffle,
  SlidersHorizontal,
  Spline,
  Split,
  Square,
  Target,
  ToggleLeft,
  TrendingUp,
  Waypoints,
  X,
} from "lucide-react";
import { useEffect, useState } from "react";

const near: Record<string, LucideIcon> = {
  AlignVerticalDistributeCenter,
  ArrowLeftRight,
  AudioWaveform,
  BookA,
  Boxes,
  ChartBar,
  ChartScatter,
  ChevronsUp,
  CircleDot,
  Combine,
  Component,
  Crosshair,
  Equal,
  EqualApproximately,
  Grid3x3,
  Layers,
  LogIn,
  LogOut,
  Merge,
  Network,
  PencilLine,
  Plus,
  RectangleHorizontal,
  Repeat,
  Ruler,
  RulerDimensionLine,
  Scale,
  ScanSearch,
  Shapes,
  Shuffle,
  SlidersHorizontal,
  Spline,
  Split,
  Square,
  Target,
  ToggleLeft,
  TrendingUp,
  Waypoints,
  X,
};

/** `grid-3x3` → `Grid3x3`. */
const component = (name: string) =>
  name
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

let all: Promise<Record<string, LucideIcon>> | null = null;

/** An icon by lucide's name. One that is not shipped with the page comes with all the others, later. */
export function useIcon(name: string): LucideIcon {
  const key = component(name);
  const known = near[key];
  const [late, setLate] = useState<LucideIcon | null>(null);
  useEffect(() => {
    if (known) return;
    let wanted = true;
    all ??= import("./allIcons").then(({ icons }) => icons as Record<string, LucideIcon>);
    void all.then((icons) => {
      const found = icons[key];
      if (wanted && found) setLate(() => found);
    });
    return () => {
      wanted = false;
    };
  }, [key, known]);
  return known ?? late ?? Square;
}
