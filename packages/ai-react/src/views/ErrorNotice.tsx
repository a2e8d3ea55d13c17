import { ResponseError } from '@backstage/errors';
import { Alert, Button } from '@backstage/ui';

export interface ErrorNoticeProps {
  error: Error;
  /** What failed, e.g. "The models could not be loaded". */
  title?: string;
  onRetry?(): void;
}

/** An error with its own words, and a way to try once more. */
export function ErrorNotice({ error, title, onRetry }: ErrorNoticeProps) {
  return (
    <div role="alert">
      <Alert
        status="danger"
        icon
        title={title ?? 'That did not work'}
        description={wordsOf(error)}
        customActions={
          onRetry && (
            <Button size="small" variant="secondary" onPress={onRetry}>
              Try again
            </Button>
          )
        }
      />
    </div>
  );
}

/** What the server said; the client's own message only knows the status. */
function wordsOf(error: Error): string {
  return (
    (error instanceof ResponseError && error.cause.message) || error.message
  );
}
