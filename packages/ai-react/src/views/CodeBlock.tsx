import { Button } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import styles from './views.module.css';

export interface CodeBlockProps {
  code: string;
  /** Shown above the code, e.g. `yaml`. */
  language: string;
}

/** Code to read and to copy. */
export function CodeBlock({ code, language }: CodeBlockProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), 2_000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = () =>
    copyText(code).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  const labels = {
    idle: 'Copy',
    copied: 'Copied',
    refused: 'Select and copy it yourself',
  };
  return (
    <div className={styles.code}>
      <div className={styles.codeBar}>
        <span>{language}</span>
        <Button
          size="small"
          variant="tertiary"
          iconStart={state === 'copied' ? <RiCheckLine /> : <RiFileCopyLine />}
          onPress={copy}
        >
          {labels[state]}
        </Button>
      </div>
      {/* Long code scrolls, so it has to be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={`${language} code`}>
        <code>{code}</code>
      </pre>
      <span role="status" hidden>
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </div>
  );
}

async function copyText(text: string): Promise<void> {
  // Not there on plain http from another machine.
  if (!navigator.clipboard) {
    throw new Error('The browser does not let this page use the clipboard');
  }
  await navigator.clipboard.writeText(text);
}
