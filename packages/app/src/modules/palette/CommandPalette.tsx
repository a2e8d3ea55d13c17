import type { NavContentNavItem } from '@backstage/plugin-app-react';
import { RiSearchLine } from '@remixicon/react';
import {
  type KeyboardEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useNavigate } from 'react-router-dom';
import styles from './CommandPalette.module.css';
import { grouped, matching, type PaletteEntry } from './paletteEntries';
import { usePaletteActions } from './usePaletteActions';
import { usePaletteSearch } from './usePaletteSearch';

interface CommandPaletteProps {
  /** Pages that the navigation shows. */
  pages: NavContentNavItem[];
  onClose(): void;
}

/** Finds pages, models and what else there is, and does what one may do; by keyboard, from anywhere. */
export function CommandPalette({ pages, onClose }: CommandPaletteProps) {
  const [term, setTerm] = useState('');
  const [position, setPosition] = useState(0);
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const actions = usePaletteActions();
  const found = usePaletteSearch(term);
  const sections = useMemo(() => {
    const fixed = [...pages.map(toEntry), ...actions];
    return grouped([...matching(fixed, term), ...(found?.entries ?? [])]);
  }, [pages, actions, term, found]);
  const entries = sections.flatMap(section => section.entries);
  const chosen = Math.min(position, entries.length - 1);

  useEffect(() => {
    const element = dialog.current;
    // Gives the focus back to where it was when it closes.
    element?.showModal();
    // Beside it is its backdrop, which is the dialog's own.
    const onClick = (event: MouseEvent) => {
      if (event.target === element) element?.close();
    };
    element?.addEventListener('click', onClick);
    return () => {
      element?.removeEventListener('click', onClick);
      element?.close();
    };
  }, []);
  useEffect(() => {
    document
      .getElementById(`${id}-${chosen}`)
      ?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);

  const take = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    onClose();
    if ('href' in entry.action) navigate(entry.action.href);
    else entry.action.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1 + entries.length,
      Home: 0,
      End: entries.length - 1,
    };
    if (event.key === 'Enter') take(entries[chosen]);
    else if (event.key in moves && entries.length > 0) {
      setPosition(moves[event.key] % entries.length);
    } else return;
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Search and commands"
      onClose={onClose}
    >
      <div className={styles.field}>
        <RiSearchLine aria-hidden="true" />
        <input
          role="combobox"
          aria-label="Find a page, a model, or something to do"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={
            entries.length > 0 ? `${id}-${chosen}` : undefined
          }
          autoComplete="off"
          placeholder="Find a page, a model, or something to do"
          value={term}
          onChange={event => {
            setTerm(event.target.value);
            setPosition(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div
        role="listbox"
        id={`${id}-list`}
        aria-label="Found"
        className={styles.list}
      >
        {sections.map(({ group, entries: members }) => (
          <div key={group} role="group" aria-label={group}>
            <p className={styles.group} aria-hidden="true">
              {group}
            </p>
            {members.map(entry => {
              const index = entries.indexOf(entry);
              return (
                // The field keeps the focus and its keys choose; this is for the mouse.
                <div
                  key={entry.id}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  className={styles.option}
                  onMouseMove={() => setPosition(index)}
                  onClick={() => take(entry)}
                  onKeyDown={onKeyDown}
                >
                  <span className={styles.icon} aria-hidden="true">
                    {entry.icon}
                  </span>
                  <span className={styles.title}>{entry.title}</span>
                  {entry.detail && <code>{entry.detail}</code>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <p role="status" className={styles.status}>
        {statusOf({
          isAsked: found === undefined,
          failed: found?.failed,
          count: entries.length,
        })}
      </p>
    </dialog>
  );
}

function toEntry(page: NavContentNavItem): PaletteEntry {
  return {
    id: `page-${page.href}`,
    group: 'Pages',
    title: page.title,
    icon: page.icon,
    action: { href: page.href },
  };
}

function statusOf(state: {
  isAsked: boolean;
  failed?: boolean;
  count: number;
}): string {
  if (state.isAsked) return 'Searching …';
  if (state.failed)
    return 'A part of the portal did not answer: this is not all.';
  if (state.count === 0) {
    return 'Nothing found. Try another word, or the name that code uses.';
  }
  return `${state.count} found. Arrow keys choose, Enter opens.`;
}
