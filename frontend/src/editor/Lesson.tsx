import { Drawer } from "@mantine/core";
import { BookOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { useDocument } from "../state/document";
import { IconButton } from "./IconButton";
import classes from "./lesson.module.css";

const useLesson = create<{ open: boolean }>(() => ({ open: false }));

export const openLesson = (): void => useLesson.setState({ open: true });

const close = (): void => useLesson.setState({ open: false });

/** Opens what the board has to teach; nothing where it teaches nothing. */
export function LessonButton() {
  const { t } = useTranslation("editor");
  const open = useLesson((state) => state.open);
  const some = useDocument((state) => (state.document.about?.lesson?.length ?? 0) > 0);
  if (!some) return null;
  return (
    <IconButton label={t("lesson.open")} testId="lesson-open" pressed={open} onClick={open ? close : openLesson}>
      <BookOpen size={18} />
    </IconButton>
  );
}

/** The lesson of a board, beside it: one goes on drawing and training while one reads. */
export function Lesson() {
  const { t } = useTranslation("editor");
  const open = useLesson((state) => state.open);
  const title = useDocument((state) => state.document.title);
  const about = useDocument((state) => state.document.about);
  const lesson = about?.lesson ?? [];
  return (
    <Drawer
      opened={open && lesson.length > 0}
      onClose={close}
      position="right"
      size="min(440px, 100vw)"
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeButtonProps={{ "aria-label": t("lesson.close"), size: 40 }}
      title={t("lesson.title")}
      classNames={{ inner: classes.inner, content: classes.content, header: classes.head, body: classes.body }}
    >
      <article data-testid="lesson">
        <h2>{title}</h2>
        {about?.origin && <p className={classes.origin}>{about.origin}</p>}
        {about?.summary && <p className={classes.summary}>{about.summary}</p>}
        {lesson.map(({ question, answer }) => (
          <section key={question}>
            <h3>{question}</h3>
            <p>{answer}</p>
          </section>
        ))}
        {(about?.tries?.length ?? 0) > 0 && (
          <section className={classes.tries}>
            <h3>{t("recipe.tries")}</h3>
            <ul>
              {about?.tries?.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </section>
        )}
      </article>
    </Drawer>
  );
}
