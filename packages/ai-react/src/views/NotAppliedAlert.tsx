import { Alert } from '@backstage/ui';
import { LastingTime } from './RelativeTime';

export interface NotAppliedAlertProps {
  problem: {
    /** What is wrong, and what to do. */
    message: string;
    /** Commit that last changed the manifest. */
    commit: string;
    /** Path of the manifest in the environments repository. */
    path: string;
    since: string;
  };
}

/** A manifest on the environments repository's main branch that does not count. */
export function NotAppliedAlert({ problem }: NotAppliedAlertProps) {
  return (
    <Alert
      status="warning"
      icon
      title={`Not applied: ${problem.message} (commit ${problem.commit.slice(
        0,
        7,
      )})`}
      description={
        <>
          <code>{problem.path}</code>, <LastingTime at={problem.since} />. What
          ran before goes on.
        </>
      }
    />
  );
}
