import { Component, type ReactNode } from 'react';
import styles from './Markdown.module.css';

interface State {
  isFailed: boolean;
}

/** A text as somebody wrote it. */
export function AsWritten({ text }: { text: string }) {
  return <pre className={styles.asWritten}>{text}</pre>;
}

/** One text that cannot be drawn takes no page away: it is shown as it is written. */
export class OrAsWritten extends Component<
  { text: string; children: ReactNode },
  State
> {
  static getDerivedStateFromError(): State {
    return { isFailed: true };
  }

  override state: State = { isFailed: false };

  override render() {
    const { text, children } = this.props;
    return this.state.isFailed ? <AsWritten text={text} /> : children;
  }
}
