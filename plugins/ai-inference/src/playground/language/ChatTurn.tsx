import { Text } from '@backstage/ui';
import { ErrorNotice, formatMillis, formatNumber } from '@greenroom/ai-react';
import type { Answer, Turn } from './conversation';
import styles from './language.module.css';

/** A question, and what each of the versions that were asked says to it. */
export function ChatTurn({ turn }: { turn: Turn }) {
  return (
    <div className={styles.turn}>
      <p className={styles.question}>
        <span className={styles.who}>You</span>
        {turn.question}
      </p>
      <div className={styles.answers}>
        {turn.answers.map(answer => (
          <AnswerBubble key={answer.asked ?? 'split'} answer={answer} />
        ))}
      </div>
    </div>
  );
}

function AnswerBubble({ answer }: { answer: Answer }) {
  const { text, reasoning, state } = answer;
  const busy = state.kind === 'waiting' || state.kind === 'talking';
  return (
    <div className={styles.answer} aria-busy={busy}>
      <span className={styles.who}>{nameOf(answer)}</span>
      {reasoning !== '' && (
        <details className={styles.reasoning}>
          <summary>What it thought</summary>
          {reasoning}
        </details>
      )}
      {/* As it is: a picture in Markdown would tell its server who reads it. */}
      <p className={styles.text}>
        {text}
        {busy && <span className={styles.caret} aria-hidden="true" />}
      </p>
      {state.kind === 'failed' && (
        <ErrorNotice title="The answer failed" error={state.error} />
      )}
      <Text as="p" variant="body-x-small" color="secondary">
        {describe(answer)}
      </Text>
    </div>
  );
}

function nameOf({ version, asked }: Answer): string {
  const answering = version ?? asked;
  return answering === undefined ? 'The model' : `Version ${answering}`;
}

/** How long it took, how much was said, and why it ended where that is no matter of course. */
function describe(answer: Answer): string {
  const { state, tokens, firstMillis, totalMillis, end } = answer;
  if (state.kind === 'waiting') return 'Waiting for the first word';
  const parts = [
    state.kind === 'stopped' && 'Stopped',
    end === 'length' && 'Ended at the most tokens it may say',
    end === 'content_filter' && 'Held back by the content filter',
    end === 'tool_calls' && 'Calls a tool, which is not shown here',
    firstMillis !== undefined &&
      `first word after ${formatMillis(firstMillis)}`,
    totalMillis !== undefined && `all after ${formatMillis(totalMillis)}`,
    tokens &&
      `${formatNumber(tokens.input)} tokens in, ${formatNumber(
        tokens.output,
      )} out`,
  ].filter(part => typeof part === 'string');
  return parts.join(' · ');
}
