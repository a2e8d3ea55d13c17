import { Button, TextAreaField } from '@backstage/ui';
import { EmptyState, Panel } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { WakingNote } from '../DataPlaneNotes';
import { ChatSettings, type ChatSettingsValue } from './ChatSettings';
import { ChatTurn } from './ChatTurn';
import { useChat } from './useChat';
import styles from './language.module.css';

/** How near the end of the conversation somebody reads who wants to see what comes. */
const NEAR_PIXELS = 48;

/** A conversation, as the version's callers have it; with two versions side by side while both answer. */
export function ChatPanel(props: {
  deployment: Deployment;
  /** Undefined to let the traffic split choose. */
  version: number | undefined;
  external: ExternalDescriptor;
}) {
  const { deployment, version, external } = props;
  const { environment, model } = deployment;
  const [settings, setSettings] = useState<ChatSettingsValue>({});
  const [question, setQuestion] = useState('');
  const chat = useChat({
    environment,
    model,
    assignmentId: settings.assignmentId?.trim() || undefined,
  });
  const asked =
    settings.against === undefined || settings.against === version
      ? [version]
      : [version, settings.against];
  const canAsk = !chat.running && question.trim() !== '';
  const log = useRef<HTMLDivElement>(null);
  useFollow(log, chat.turns);

  function ask() {
    if (!canAsk) return;
    const { temperature, maxTokens } = settings;
    chat.ask(question.trim(), {
      asked,
      parameters: {
        ...(temperature !== undefined && { temperature }),
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      },
    });
    setQuestion('');
  }

  return (
    <Panel title="Chat">
      {/* It scrolls, so it has to be reachable by keyboard. */}
      <div
        ref={log}
        className={styles.scroll}
        role="region"
        aria-label="Conversation"
        tabIndex={0}
      >
        <div className={styles.log} role="log" aria-label="Messages">
          {chat.turns.length === 0 && (
            <EmptyState
              title="Nothing said yet"
              description={openingOf(external)}
            />
          )}
          {chat.turns.map((turn, index) => (
            <ChatTurn key={index} turn={turn} />
          ))}
          {chat.running && <WakingNote deployment={deployment} />}
        </div>
      </div>
      <div className={styles.ask}>
        <TextAreaField
          label="Message"
          description="Enter sends it, Shift and Enter begin a new line."
          rows={3}
          value={question}
          onChange={setQuestion}
          onKeyDown={(event: KeyboardEvent) => {
            if (
              event.key !== 'Enter' ||
              event.shiftKey ||
              // Of an input method, whose Enter takes a word.
              event.nativeEvent.isComposing
            ) {
              return;
            }
            event.preventDefault();
            ask();
          }}
        />
        <div className={styles.actions}>
          {chat.running ? (
            <Button variant="secondary" onPress={chat.stop}>
              Stop
            </Button>
          ) : (
            <Button variant="primary" isDisabled={!canAsk} onPress={ask}>
              Send
            </Button>
          )}
          {chat.turns.length > 0 && (
            <Button variant="tertiary" onPress={chat.clear}>
              New conversation
            </Button>
          )}
        </div>
      </div>
      <ChatSettings
        deployment={deployment}
        version={version}
        external={external}
        value={settings}
        onChange={setSettings}
      />
    </Panel>
  );
}

function openingOf({ messages, model }: ExternalDescriptor): string {
  if (messages.length === 0) return `Ask ${model} something.`;
  return `Ask ${model} something. The version puts ${
    messages.length === 1
      ? 'a message of its own'
      : `${messages.length} messages of its own`
  } before yours.`;
}

/** Keeps the end in sight of whoever reads there, and leaves those alone who read something above. */
function useFollow(
  log: { readonly current: HTMLElement | null },
  turns: unknown,
) {
  const wasNear = useRef(true);
  useEffect(() => {
    const element = log.current;
    if (!element) return undefined;
    const look = () => {
      const { scrollHeight, scrollTop, clientHeight } = element;
      wasNear.current = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [log]);
  useEffect(() => {
    const element = log.current;
    if (element && wasNear.current) element.scrollTop = element.scrollHeight;
  }, [log, turns]);
}
