import { Flex, VisuallyHidden } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { Live } from '../live';
import { ErrorNotice } from './ErrorNotice';
import { Placeholder } from './Placeholder';

export interface LoadedProps<T> {
  live: Live<T>;
  /** What is loaded, as it stands in a sentence: "the models". */
  what: string;
  /** Height of each grey bar that stands for the content, in pixels. */
  skeleton?: number[];
  children(value: T): ReactNode;
}

/** Content that is loading, could not be loaded, or is there (perhaps no longer fresh). */
export function Loaded<T>(props: LoadedProps<T>) {
  const { live, what, skeleton = [28, 120, 120], children } = props;
  if (live.value !== undefined) {
    return (
      <>
        {live.error && (
          <ErrorNotice
            title={`What you see of ${what} may be out of date`}
            error={live.error}
            onRetry={live.refresh}
            retries
          />
        )}
        {children(live.value)}
      </>
    );
  }
  if (live.error) {
    return (
      <ErrorNotice
        title={`Loading ${what} failed`}
        error={live.error}
        onRetry={live.refresh}
        retries
      />
    );
  }
  return (
    <Flex direction="column" gap="3" aria-busy="true">
      <VisuallyHidden role="status">Loading {what}</VisuallyHidden>
      {skeleton.map((height, index) => (
        <Placeholder key={`${index}-${height}`} height={height} />
      ))}
    </Flex>
  );
}
