import { useTranslation } from "react-i18next";
import type { NodeFacts } from "../../wire/types";
import classes from "./ask.module.css";
import type { Given } from "./given";
import { LayerChoice } from "./LayerChoice";
import { type AboutTensor, TensorView } from "./Tensor";
import { useAnswer } from "./useAnswer";
import { useLayer } from "./useLayer";

const any = (facts: NodeFacts): boolean => Object.keys(facts.outputs).length > 0;
const convolution = (facts: NodeFacts): boolean => facts.type.includes("conv");

interface InsideProps {
  given: Given | null;
  title: (path: string) => string;
}

/** All that leaves a node on the way, for the sample that is asked about. */
export function Inside({ given, title }: InsideProps) {
  const { t } = useTranslation("ask");
  const { paths, path, choose } = useLayer(any, convolution);
  const { reply, problem, asked } = useAnswer(
    given && path ? { ...given, question: "values", of: path, port: "" } : null,
  );
  const values = reply?.arrays.get("values");
  const about = reply?.header.about as unknown as (AboutTensor & { axes: string[] }) | undefined;
  // Until the next comes, nobody takes the tensor of another node for this one's.
  const fresh = asked?.question === "values" && asked.of === path;
  const tensor =
    given && fresh && !problem && values && about && !(values.data instanceof Uint8Array)
      ? { data: values.data, shape: values.shape, axes: about.axes }
      : null;
  return (
    <TensorView
      tensor={tensor}
      about={about}
      name={path.replaceAll("/", "-")}
      title={title(path)}
      choice={<LayerChoice paths={paths} path={path} title={title} onChoose={choose} />}
      instead={
        problem && fresh ? (
          <p className={classes.problem} data-testid="inside-problem">
            {problem}
          </p>
        ) : (
          <p className={classes.says}>{t(given ? "inside.waiting" : "inside.first")}</p>
        )
      }
    />
  );
}
