import { BgProvider } from '@backstage/ui';
import { ReactNode, useId } from 'react';
import styles from './views.module.css';

export interface PanelProps {
  title: ReactNode;
  /** One sentence below the title. */
  description?: ReactNode;
  /** Buttons and links on the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A titled part of a page. */
export function Panel(props: PanelProps) {
  const { title, description, actions, children, className } = props;
  const titleId = useId();
  return (
    // Tells Backstage UI's components on which background they are.
    <BgProvider bg="neutral-1">
      <section
        className={className ? `${styles.panel} ${className}` : styles.panel}
        aria-labelledby={titleId}
      >
        <div className={styles.panelHead}>
          <h3 id={titleId} className={styles.panelTitle}>
            {title}
          </h3>
          {actions && <div className={styles.panelActions}>{actions}</div>}
        </div>
        {description && <p className={styles.panelText}>{description}</p>}
        {children}
      </section>
    </BgProvider>
  );
}
