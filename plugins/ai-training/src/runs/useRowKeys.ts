import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react';
import { rowAfter } from './rowAfter';

/** What of a row has the focus. */
const CONTROLS = ['input', 'a'] as const;
type Control = (typeof CONTROLS)[number];

/**
 * Arrow keys, Page up and down, Home and End move the focus from row to row, within the same column: also to rows that
 * are not drawn yet.
 */
export function useRowKeys(options: {
  scroller: RefObject<HTMLElement>;
  count: number;
  /** Pixels. */
  rowHeight: number;
  /** Pixels of the head, which stays in sight. */
  headHeight: number;
  /** After rows were scrolled. */
  onScrolled(): void;
}) {
  const { scroller, count, rowHeight, headHeight, onScrolled } = options;
  const [wanted, setWanted] = useState<{ index: number; control: Control }>();
  const last = useRef(wanted);

  useEffect(() => {
    if (!wanted || last.current === wanted) return;
    const row = scroller.current?.querySelector(
      `tr[aria-rowindex="${wanted.index + 2}"]`,
    );
    const element = row?.querySelector<HTMLElement>(wanted.control);
    if (!element) return;
    last.current = wanted;
    // Where it is to be, the table was scrolled to already.
    element.focus({ preventScroll: true });
  });

  return (event: KeyboardEvent) => {
    const element = scroller.current;
    const target = event.target as HTMLElement;
    const row = target.closest('tr[aria-rowindex]');
    const control = CONTROLS.find(name => target.matches(name));
    if (!element || !row || !control || event.altKey || event.metaKey) return;
    const inSight = element.clientHeight - headHeight;
    const index = rowAfter(
      event.key,
      Number(row.getAttribute('aria-rowindex')) - 2,
      { count, page: Math.max(1, Math.floor(inSight / rowHeight) - 1) },
    );
    if (index === undefined) return;
    event.preventDefault();
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + inSight) {
      element.scrollTop = top + rowHeight - inSight;
    }
    onScrolled();
    setWanted({ index, control });
  };
}
