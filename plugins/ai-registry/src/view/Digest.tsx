import { ButtonIcon } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useEffect, useState } from 'react';
import { shortDigest } from '../lineage/lineage';
import styles from './Digest.module.css';

export interface DigestProps {
  digest: string;
  /** Show all of it, not only its first digits. */
  full?: boolean;
}

/** A digest to recognize and to copy. */
export function Digest({ digest, full }: DigestProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  // The clipboard is missing on plain http from another machine.
  const copy = () =>
    navigator.clipboard?.writeText(digest).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <span className={styles.digest}>
      <code
        title={digest}
        className={styles.code}
        data-full={full || undefined}
      >
        {full ? digest : shortDigest(digest)}
      </code>
      <ButtonIcon
        size="small"
        variant="tertiary"
        aria-label={copied ? 'Digest copied' : 'Copy digest'}
        icon={copied ? <RiCheckLine /> : <RiFileCopyLine />}
        onPress={copy}
      />
    </span>
  );
}
