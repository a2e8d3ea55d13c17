import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Container } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { asSentence } from './asSentence';
import styles from './GitHostNotice.module.css';

const POLL_MILLIS = 30_000;

/** Says that what the page shows may be old, and what is not set up on the Git host. Nothing where all is well. */
export function GitHostNotice() {
  const registry = useApi(aiRegistryApiRef);
  const gitHost = useLive(signal => registry.getGitHost({ signal }), [], {
    pollMillis: POLL_MILLIS,
    keepPrevious: true,
  });
  if (!gitHost.value) return null;
  const { title, problems } = gitHost.value;
  const away = problems.filter(({ kind }) => kind === 'away');
  const setup = problems.filter(({ kind }) => kind === 'setup');
  if (problems.length === 0) return null;
  return (
    <Container>
      {away.map(({ text }) => (
        <Alert
          key={text}
          status="warning"
          icon
          title={`${title} does not answer: what you see may be old`}
          description={`${asSentence(
            text,
          )} Nothing is lost: promotions go on when it is back.`}
        />
      ))}
      {setup.length > 0 && (
        <details className={styles.setup}>
          <summary>
            {setup.length === 1
              ? `Something is not set up on ${title}`
              : `${setup.length} things are not set up on ${title}`}
          </summary>
          <ul>
            {setup.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </Container>
  );
}
