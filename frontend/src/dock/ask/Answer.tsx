import { useTranslation } from "react-i18next";
import { Bars } from "../../charts/Bars";
import * as format from "../../charts/format";
import type { Reply } from "../../state/asking";
import { floatsOf, integersOf } from "../../state/runFrames";
import { useTheme } from "../../views/view";
import classes from "./ask.module.css";

export interface About {
  kind: "classes" | "numbers" | "steps";
  names?: string[];
  winner?: number;
  target: number | null;
  of: number;
  /** The explanation that comes with this answer: until the next comes, the one before. */
  why: string;
  sample: "image" | "row" | "tokens";
  columns?: string[];
  tokens?: string[];
  /** Nodes on the way to the answer that drop something while training. */
  drops: string[];
  /** Of Grad-CAM: whose maps are weighed, and all that have some. */
  layer?: string;
  layers?: string[];
}

interface AnswerProps {
  reply: Reply;
  /** It was asked many times: what each said is shown in place of the shares. */
  several: boolean;
  /** Tokens that were typed; what the network says behind them is of no interest. */
  typed: number;
}

/** What the network says. */
export function Answer({ reply, several, typed }: AnswerProps) {
  const { t } = useTranslation("dock");
  const theme = useTheme();
  const about = reply.header.about as unknown as About;
  const names = about.names ?? [];
  const shares = floatsOf(reply, "shares")?.data;
  if (about.kind === "steps") return <Steps reply={reply} about={about} typed={typed} />;
  if (about.kind === "numbers" || !shares)
    return (
      <p className={classes.winner} data-testid="ask-answer">
        <b>{[...(floatsOf(reply, "scores")?.data ?? [])].slice(0, 8).map(format.value).join("  ")}</b>
        {about.target !== null && <small>{t("ask.wanted", { value: format.value(about.target) })}</small>}
      </p>
    );
  return (
    <>
      <p className={classes.winner} data-testid="ask-answer">
        <b>{names[about.winner ?? 0]}</b> {format.percent(shares[about.winner ?? 0] ?? 0)}
        {about.target !== null && (
          <small data-right={about.target === about.winner}>
            {t(about.target === about.winner ? "ask.right" : "ask.wrong", { name: names[about.target] })}
          </small>
        )}
      </p>
      {several || (
        <div className={classes.bars}>
          <Bars
            shares={[...shares]}
            names={names}
            winner={about.winner ?? 0}
            theme={theme}
            label={t("ask.answer")}
            describe={(index) => t("choice.share", { name: names[index], share: format.percent(shares[index] ?? 0) })}
          />
        </div>
      )}
    </>
  );
}

/** At each place of a sequence the token that stands there, and what the network says of it. */
function Steps({ reply, about, typed }: { reply: Reply; about: About; typed: number }) {
  const { t } = useTranslation("ask");
  const tokens = integersOf(reply, "tokens")?.data ?? [];
  const winners = integersOf(reply, "winners")?.data ?? [];
  const targets = integersOf(reply, "targets")?.data;
  const counted = integersOf(reply, "counted")?.data;
  const shares = floatsOf(reply, "shares")?.data ?? [];
  const places = [...winners.keys()].filter((at) => (typed ? at < typed : !counted || counted[at]));
  const named = (index: number | undefined, names: readonly string[] | undefined) =>
    names?.[index ?? -1] ?? String(index);
  return (
    <div className={classes.steps} data-testid="ask-answer">
      <table>
        <thead>
          <tr>
            <th>{t("steps.given")}</th>
            <th>{t("steps.said")}</th>
            <th>{t("steps.share")}</th>
            {targets && <th>{t("steps.wanted")}</th>}
          </tr>
        </thead>
        <tbody>
          {places.map((at) => (
            <tr key={at}>
              <td>{named(tokens[at], about.tokens)}</td>
              <td>
                <b>{named(winners[at], about.names)}</b>
              </td>
              <td>{format.percent(shares[at] ?? 0, 0)}</td>
              {targets && (
                <td data-right={targets[at] === winners[at]}>
                  {named(targets[at], about.names)}
                  <span className="heard">{t(targets[at] === winners[at] ? "steps.right" : "steps.wrong")}</span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
