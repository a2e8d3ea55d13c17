import { discoveryApiRef, useApi } from '@backstage/core-plugin-api';
import { CodeBlock, Panel } from '@greenroom/ai-react';
import { type ReactNode, useEffect, useState } from 'react';
import { firstRunScript, trackingSettings } from './firstRun';
import styles from './experiments.module.css';

export interface FirstRunGuideProps {
  title: string;
  /** Name of the experiment that the script logs to. */
  experiment: string;
  /** A button to do something else instead. */
  action?: ReactNode;
}

/** How the first run gets in, with code to copy. */
export function FirstRunGuide(props: FirstRunGuideProps) {
  const { title, experiment, action } = props;
  const trackingUri = useTrackingUri();
  return (
    <Panel
      title={title}
      description="Any client of MLflow logs here: runs appear on this page as soon as they start."
      actions={action}
    >
      <ol className={styles.steps}>
        <li>
          <p className={styles.step}>
            Tell the client where to log, and who you are. A program uses a
            service token, which an administrator issues; your own sign-in has a
            token, too.
          </p>
          <CodeBlock
            language="Shell"
            code={trackingSettings(trackingUri ?? '')}
          />
        </li>
        <li>
          <p className={styles.step}>Log a run.</p>
          <CodeBlock language="Python" code={firstRunScript(experiment)} />
        </li>
      </ol>
    </Panel>
  );
}

/** Where MLflow's clients log to; undefined until it is known. */
function useTrackingUri(): string | undefined {
  const discovery = useApi(discoveryApiRef);
  const [uri, setUri] = useState<string>();
  useEffect(() => {
    let gone = false;
    discovery.getBaseUrl('ai-training').then(base => {
      if (!gone) setUri(`${base}/mlflow`);
    });
    return () => {
      gone = true;
    };
  }, [discovery]);
  return uri;
}
