import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './run.module.css';

/** A text that people wrote, as Markdown; HTML in it is not taken as such. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={[remarkGfm]}>{text}</ReactMarkdown>
    </div>
  );
}
