/**
 * What files are dropped on, or chosen with, without a look: the props of a region, a real button and a file input. Whoever
 * cannot drag has the button, which says what the author writes on it.
 */
import { useRef, useState, type ChangeEvent, type DragEvent, type KeyboardEvent, type RefObject } from "react";

export interface DropZoneOptions {
  /** At least one. What a server refuses the client says when they are sent. */
  onFiles(files: readonly File[]): void;
  /** Escape was pressed in the region. Absent: the key keeps its meaning, such as to close a dialog. */
  readonly onEscape?: (() => void) | undefined;
  /** For choosing; browsers do not hold what is dropped against it. */
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly isDisabled?: boolean;
}

export interface DropZone {
  /** Files are held over the region. */
  readonly isOver: boolean;
  readonly rootProps: {
    readonly onDragEnter: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
  readonly buttonProps: { readonly type: "button"; readonly disabled: boolean; readonly onClick: () => void };
  /** The button stands for it, so that there is one stop for the keyboard and one thing to hear. */
  readonly inputProps: {
    readonly ref: RefObject<HTMLInputElement | null>;
    readonly type: "file";
    readonly hidden: true;
    readonly accept: string | undefined;
    readonly multiple: boolean;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  };
}

const carriesFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes("Files");

/** A folder looks like an empty file, and cannot be read. */
const droppedFiles = ({ dataTransfer }: DragEvent): File[] =>
  Array.from(dataTransfer.items).flatMap((item) =>
    item.webkitGetAsEntry()?.isDirectory === true ? [] : (item.getAsFile() ?? []),
  );

export function useDropZone(options: DropZoneOptions): DropZone {
  const { onEscape, accept, multiple = false, isDisabled = false } = options;
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  /** Entering a child comes before leaving its parent: only who leaves what was entered last has left. */
  const entered = useRef<EventTarget>(null);

  const take = (files: readonly File[]) => {
    const taken = multiple ? files : files.slice(0, 1);
    if (taken.length > 0 && !isDisabled) options.onFiles(taken);
  };
  /** Also where nothing is taken: a browser would show the file in place of the page. */
  const hold = (event: DragEvent): boolean => {
    const isHeld = carriesFiles(event);
    if (isHeld) event.preventDefault();
    return isHeld;
  };
  return {
    isOver: isOver && !isDisabled,
    rootProps: {
      onDragEnter(event) {
        entered.current = event.target;
        if (hold(event)) setOver(true);
      },
      onDragOver(event) {
        if (hold(event)) event.dataTransfer.dropEffect = isDisabled ? "none" : "copy";
      },
      onDragLeave(event) {
        if (event.target === entered.current) setOver(false);
      },
      onDrop(event) {
        setOver(false);
        if (hold(event)) take(droppedFiles(event));
      },
      onKeyDown(event) {
        if (event.key !== "Escape" || onEscape === undefined) return;
        // A dialog around it stays open.
        event.preventDefault();
        event.stopPropagation();
        onEscape();
      },
    },
    buttonProps: { type: "button", disabled: isDisabled, onClick: () => input.current?.click() },
    inputProps: {
      ref: input,
      type: "file",
      hidden: true,
      accept,
      multiple,
      onChange({ currentTarget }) {
        take(Array.from(currentTarget.files ?? []));
        // The same file can be chosen again.
        currentTarget.value = "";
      },
    },
  };
}
