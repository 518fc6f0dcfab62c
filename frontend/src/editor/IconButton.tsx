import { ActionIcon, Tooltip } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";
import classes from "./bar.module.css";
import { keyName } from "./keys";

interface IconButtonProps {
  label: string;
  keys?: string;
  testId?: string;
  disabled?: boolean;
  pressed?: boolean;
  onClick: (event: MouseEvent) => void;
  children: ReactNode;
}

/** A button of the bar that is a picture alone; its name is said by a tooltip, with its key. */
export function IconButton({ label, keys, testId, disabled, pressed, onClick, children }: IconButtonProps) {
  return (
    <Tooltip label={keys ? `${label}  ${keyName(keys)}` : label} openDelay={400} withArrow>
      <ActionIcon
        variant="subtle"
        className={classes.icon}
        aria-label={label}
        aria-pressed={pressed}
        aria-disabled={disabled}
        data-disabled={disabled || undefined}
        data-testid={testId}
        onClick={(event) => {
          if (!disabled) onClick(event);
        }}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
