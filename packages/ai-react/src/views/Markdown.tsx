import ReactMarkdown, { uriTransformer } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { isQuicklyDrawn } from './isQuicklyDrawn';
import { AsWritten, OrAsWritten } from './OrAsWritten';
import styles from './Markdown.module.css';

/**
 * A text that people wrote, as Markdown. HTML in it is not taken as such, addresses that run programs lead
 * nowhere, and a picture is a link to it: shown, it would tell its server who reads. What would hold the reader's browser
 * up, or cannot be drawn, is shown as it is written.
 */
export function Markdown({ text }: { text: string }) {
  return isQuicklyDrawn(text) ? (
    <OrAsWritten key={text} text={text}>
      <Drawn text={text} />
    </OrAsWritten>
  ) : (
    <AsWritten text={text} />
  );
}

function Drawn({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        transformImageUri={uriTransformer}
        components={{
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer">
              {children}
            </a>
          ),
          img: ({ src, alt }) => (
            <a href={src} target="_blank" rel="noreferrer">
              {alt || 'Picture'}
            </a>
          ),
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
