import { toError } from '@backstage/errors';
import { useApi } from '@backstage/core-plugin-api';
import {
  HEADER_ANSWERING_VERSION,
  type PlaygroundTarget,
} from '@greenroom/plugin-ai-inference-common';
import { useEffect, useRef, useState } from 'react';
import { aiInferenceApiRef } from '../../api/AiInferenceApi';
import {
  type Answer,
  type Asked,
  beginTurn,
  changeAnswer,
  isRunning,
  messagesFor,
  takePiece,
  type Turn,
} from './conversation';
import { readChatStream } from './readChatStream';

/** What the caller decides; the version's own where it is left out. */
export interface ChatParameters {
  temperature?: number;
  max_tokens?: number;
}

/** A conversation with one version, or with several at once. */
export function useChat(target: Omit<PlaygroundTarget, 'version'>) {
  const inference = useApi(aiInferenceApiRef);
  const [turns, setTurns] = useState<Turn[]>([]);
  const abort = useRef<AbortController>();
  // Whoever leaves the page does not wait for the answer any more.
  useEffect(() => () => abort.current?.abort(), []);

  async function answer(options: {
    asked: Asked;
    begun: Turn[];
    parameters: ChatParameters;
    signal: AbortSignal;
  }) {
    const { asked, begun, parameters, signal } = options;
    const startedAt = performance.now();
    const change = (how: (answer: Answer) => Partial<Answer>) =>
      setTurns(now => (signal.aborted ? now : changeAnswer(now, asked, how)));
    const end = (state: Answer['state']) =>
      change(() => ({ state, totalMillis: performance.now() - startedAt }));
    try {
      const response = await inference.ask(
        { ...target, version: asked, task: 'chat' },
        {
          ...parameters,
          messages: messagesFor(begun, asked),
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      );
      const version =
        response.headers.get(HEADER_ANSWERING_VERSION) ?? undefined;
      change(() => ({ version }));
      for await (const piece of readChatStream(response.body!)) {
        change(now => takePiece(now, piece, performance.now() - startedAt));
      }
      end({ kind: 'done' });
    } catch (error) {
      end({ kind: 'failed', error: toError(error) });
    }
  }

  return {
    turns,
    running: turns.length > 0 && isRunning(turns[turns.length - 1]),
    ask(
      question: string,
      options: { asked: readonly Asked[]; parameters: ChatParameters },
    ) {
      const { asked, parameters } = options;
      const controller = new AbortController();
      abort.current = controller;
      const begun = beginTurn(turns, question, asked);
      setTurns(begun);
      for (const one of asked) {
        void answer({
          asked: one,
          begun,
          parameters,
          signal: controller.signal,
        });
      }
    },
    /** What was said stays. */
    stop() {
      abort.current?.abort();
      setTurns(now =>
        (now.at(-1)?.answers ?? []).reduce(
          (changed, { asked, state }) =>
            state.kind === 'waiting' || state.kind === 'talking'
              ? changeAnswer(changed, asked, () => ({
                  state: { kind: 'stopped' },
                }))
              : changed,
          now,
        ),
      );
    },
    clear() {
      abort.current?.abort();
      setTurns([]);
    },
  };
}
