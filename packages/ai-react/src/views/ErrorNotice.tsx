import { ResponseError } from '@backstage/errors';
import { Alert, Button } from '@backstage/ui';

export interface ErrorNoticeProps {
  error: Error;
  /** What failed, e.g. "The models could not be loaded". */
  title?: string;
  onRetry?(): void;
  /** Whether the page asks again by itself. */
  retries?: boolean;
}

/** An error with its own words, and a way to try once more. */
export function ErrorNotice(props: ErrorNoticeProps) {
  const { error, title, onRetry, retries = false } = props;
  return (
    <div role="alert">
      <Alert
        status="danger"
        icon
        title={title ?? 'That did not work'}
        description={wordsOf(error, retries)}
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

/** What Chrome, Firefox and Safari say when nobody answers a fetch. */
const NO_ANSWER = /^(Failed to fetch|NetworkError|Load failed)/;

/** What the server said; the client's own message only knows the status. */
function wordsOf(error: Error, retries: boolean): string {
  if (error instanceof TypeError && NO_ANSWER.test(error.message)) {
    return retries
      ? 'The control plane does not answer; trying again.'
      : 'The control plane does not answer.';
  }
  return (
    (error instanceof ResponseError && error.cause.message) || error.message
  );
}
