import { Text, VisuallyHidden } from '@backstage/ui';
import { ProgressBar } from '@greenroom/ai-react';

export interface UploadStateProps {
  /** Of all bytes that were sent, from 0 to 1. */
  share: number;
  /** What is being sent, e.g. `file 1 of 3`. */
  detail?: string;
  /** What goes on once everything is sent. */
  done: string;
}

/** How far an upload is, to look at and to listen to. */
export function UploadState({ share, detail, done }: UploadStateProps) {
  const isSent = share >= 1;
  const which = detail === undefined ? '' : `, ${detail}`;
  return (
    <div>
      <ProgressBar value={share} label="Upload" />
      <Text variant="body-small" color="secondary">
        {isSent ? done : `${Math.floor(share * 100)} % sent${which}`}
      </Text>
      {/* Every percent would be too much to listen to. */}
      <VisuallyHidden role="status">
        {isSent ? done : `${Math.floor(share * 4) * 25} percent sent`}
      </VisuallyHidden>
    </div>
  );
}
