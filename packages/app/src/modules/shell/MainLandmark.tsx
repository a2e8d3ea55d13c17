import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './MainLandmark.module.css';

/** Where the link past the navigation leads. */
export const CONTENT_ID = 'content';

/** The page's main landmark, unless the page brings one of its own, as entity pages do. */
export function MainLandmark({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  const [bringsOwn, setBringsOwn] = useState(false);

  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const look = () => setBringsOwn(element.querySelector('main') !== null);
    // Pages are loaded when they are opened, and change without this being told.
    const observer = new MutationObserver(look);
    observer.observe(element, { childList: true, subtree: true });
    look();
    return () => observer.disconnect();
  }, []);

  return (
    <div
      ref={ref}
      id={CONTENT_ID}
      tabIndex={-1}
      role={bringsOwn ? undefined : 'main'}
      className={styles.content}
    >
      {children}
    </div>
  );
}
