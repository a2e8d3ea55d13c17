import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { encodeChat } from './encodeChat';

const chat = (
  fields: Partial<ChatCompletionCreateParams> & Record<string, unknown>,
) =>
  ({
    model: 'bot',
    messages: [{ role: 'user', content: 'Hello' }],
    ...fields,
  } as ChatCompletionCreateParams);

describe('encodeChat', () => {
  it('makes turns of messages, with what the system says apart', () => {
    const { contents, systemInstruction } = encodeChat(
      chat({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'developer', content: 'Be kind.' },
          { role: 'user', content: 'One' },
          { role: 'user', content: 'Two' },
          { role: 'assistant', content: 'Three' },
          { role: 'user', content: 'Four' },
        ],
      }),
    );
    expect(systemInstruction?.parts).toEqual([
      { text: 'Be brief.' },
      { text: 'Be kind.' },
    ]);
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'One' }, { text: 'Two' }] },
      { role: 'model', parts: [{ text: 'Three' }] },
      { role: 'user', parts: [{ text: 'Four' }] },
    ]);
  });

  it('gives the answer of a tool the name of the call, and the signature of the thought back', () => {
    const { contents } = encodeChat(
      chat({
        messages: [
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            tool_calls: [
              {
                id: 'c1',
                type: 'function',
                function: { name: 'weather', arguments: '{"city":"Bern"}' },
                extra_content: { google: { thought_signature: 'c2ln' } },
              } as never,
            ],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
        ],
      }),
    );
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          {
            functionCall: { name: 'weather', args: { city: 'Bern' } },
            thoughtSignature: 'c2ln',
          },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              name: 'weather',
              response: { result: 'sunny' },
            },
          },
        ],
      },
    ]);
  });

  it('translates parameters, tools and pictures', () => {
    const request = encodeChat(
      chat({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is it?' },
              {
                type: 'image_url',
                image_url: { url: 'data:image/PNG;base64,AAAA' },
              },
            ],
          },
        ],
        max_completion_tokens: 9,
        top_p: 0.5,
        stop: 'END',
        n: 2,
        reasoning_effort: 'low',
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'object' } },
        },
        tools: [{ type: 'function', function: { name: 'f' } }],
        tool_choice: { type: 'function', function: { name: 'f' } },
      }),
    );
    expect(request).toEqual({
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is it?' },
            { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      toolConfig: {
        functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] },
      },
      generationConfig: {
        maxOutputTokens: 9,
        topP: 0.5,
        stopSequences: ['END'],
        candidateCount: 2,
        thinkingConfig: { thinkingBudget: 1024 },
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
      },
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['logit_bias', { logit_bias: { 5: 1 } }, /^logit_bias: .*no counterpart/],
    ['logprobs', { logprobs: true }, /^logprobs/],
    ['a field of tomorrow', { novelty: 1 }, /^novelty/],
    ['one call at a time', { parallel_tool_calls: false }, /^parallel_tool/],
    ['sound', { modalities: ['text', 'audio'] }, /^modalities/],
    [
      'a picture somewhere else',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: 'https://x.org/a.png' } },
            ],
          },
        ],
      },
      /^messages\.0\.content\.0\.image_url\.url: expected the data themselves/,
    ],
    [
      'an answer to no call',
      { messages: [{ role: 'tool', tool_call_id: 'c9', content: '' }] },
      /^messages\.0\.tool_call_id/,
    ],
  ])('refuses %s by name', (_what, fields, message) => {
    expect(() => encodeChat(chat(fields))).toThrow(message);
  });

  it('takes what asks for what happens anyway', () => {
    const fields = {
      parallel_tool_calls: true,
      store: false,
      logprobs: false,
      modalities: ['text' as const],
      user: 'ada',
      seed: undefined,
      stop: null,
    };
    expect(encodeChat(chat(fields))).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    });
  });
});
