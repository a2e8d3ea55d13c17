import {
  formatDuration,
  Panel,
  RelativeTime,
  StepList,
} from '@greenroom/ai-react';
import type { PromotionStep } from '@greenroom/plugin-ai-registry-common';
import { stepLog } from './stepLog';
import styles from './StepLogPanel.module.css';

/** What was done for a promotion, and what is left; what went well is folded away. */
export function StepLogPanel({ steps }: { steps: PromotionStep[] }) {
  const { past, ahead, summary, tookSeconds } = stepLog(steps);
  return (
    <Panel title="Progress">
      {past.length > 0 && (
        <details className={styles.past}>
          <summary>
            {summary}
            {tookSeconds !== undefined && `, in ${formatDuration(tookSeconds)}`}
          </summary>
          <StepList label="Steps that are over" steps={past.map(asStep)} />
        </details>
      )}
      {ahead.length > 0 && (
        <StepList
          label={past.length > 0 ? 'Steps that are left' : 'Steps'}
          steps={ahead.map(asStep)}
        />
      )}
    </Panel>
  );
}

function asStep(step: PromotionStep) {
  return { title: step.title, status: step.status, detail: detailOf(step) };
}

function detailOf(step: PromotionStep) {
  const { attempts, startedAt, finishedAt, status } = step;
  const words =
    step.error ??
    step.waitingFor ??
    (status === 'skipped' ? step.skippedBecause : undefined);
  // A review is looked at once more whenever somebody has said something.
  const isRetried = attempts > 1 && step.name !== 'await-review';
  const times = [
    ...(isRetried ? [`${attempts} attempts`] : []),
    ...(startedAt && finishedAt ? [`took ${took(startedAt, finishedAt)}`] : []),
  ];
  const at = finishedAt ?? startedAt;
  if (!words && times.length === 0 && !at) return undefined;
  return (
    <>
      {words && <span className={styles.words}>{words}</span>}
      {status !== 'skipped' && (
        <span>
          {at && (
            <>
              {finishedAt ? '' : 'since '}
              <RelativeTime at={at} />
            </>
          )}
          {at && times.length > 0 && ', '}
          {times.join(', ')}
        </span>
      )}
    </>
  );
}

function took(startedAt: string, finishedAt: string): string {
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
  return seconds < 1 ? 'less than 1 s' : formatDuration(seconds);
}
