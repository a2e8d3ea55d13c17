import { CodeBlock, Panel } from '@greenroom/ai-react';
import type { ReactNode } from 'react';
import styles from '../models/FirstModelGuide.module.css';

export interface FirstDatasetGuideProps {
  /** The button that makes a dataset. */
  action: ReactNode;
  /** Where the portal is served, e.g. `http://localhost:7007`. */
  origin: string;
}

/** What a registry without datasets says: how the first one gets in. */
export function FirstDatasetGuide({ action, origin }: FirstDatasetGuideProps) {
  return (
    <div className={styles.guide}>
      <Panel
        title="Make your first dataset here"
        description="Give it a name and an owner, and choose a CSV, JSONL or Parquet file as its first version. The registry reads columns and rows from the file itself, and its digest tells evaluations on these rows from all others."
      >
        <div>{action}</div>
      </Panel>
      <Panel
        title="Or from a pipeline"
        description="Each upload becomes the next version of the dataset."
      >
        <CodeBlock language="Shell" code={uploadExample(origin)} />
      </Panel>
    </div>
  );
}

function uploadExample(origin: string): string {
  return `api=${origin}/api/ai-registry
curl -f $api/datasets/capital-cities/files?format=jsonl \\
  -H "Authorization: Bearer $GREENROOM_TOKEN" \\
  -H 'Content-Type: application/octet-stream' \\
  --data-binary @capital-cities.jsonl`;
}
