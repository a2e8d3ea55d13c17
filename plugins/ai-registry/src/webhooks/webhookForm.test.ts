import { WEBHOOK_EVENTS } from '@greenroom/plugin-ai-registry-common';
import {
  EMPTY_WEBHOOK,
  EVENT_WORDS,
  newSecret,
  readWebhook,
  type WebhookForm,
} from './webhookForm';

const form = (changes: Partial<WebhookForm> = {}): WebhookForm => ({
  ...EMPTY_WEBHOOK,
  name: ' ci ',
  url: 'https://ci.example.com/hooks',
  model: 'digits',
  ...changes,
});
const read = (changes: Partial<WebhookForm>, mayTellOfAll = true) =>
  readWebhook(form(changes), { mayTellOfAll });

describe('readWebhook', () => {
  it('reads a hook, its events in the usual order', () => {
    expect(
      read({
        events: ['model_version_alias.created', 'registered_model.created'],
      }).hook,
    ).toEqual({
      name: 'ci',
      description: '',
      url: 'https://ci.example.com/hooks',
      model: 'digits',
      events: ['registered_model.created', 'model_version_alias.created'],
    });
    expect(read({ model: '' }).hook).not.toHaveProperty('model');
  });

  it('says what to correct', () => {
    for (const name of ['', '-ci', 'a b', 'x'.repeat(64)]) {
      expect(Object.keys(read({ name }).errors ?? {})).toEqual(['name']);
    }
    for (const url of ['', 'ci.example.com', 'ftp://ci.example.com']) {
      expect(Object.keys(read({ url }).errors ?? {})).toEqual(['url']);
    }
    expect(read({ events: [] }).errors?.events).toMatch(/at least one/);
    expect(read({ model: '' }, false).errors?.model).toMatch(/may change/);
    expect(read({ name: 'x' }).errors).toBeUndefined();
  });
});

describe('words and secrets', () => {
  it('has words for each event', () => {
    expect(Object.keys(EVENT_WORDS).sort()).toEqual([...WEBHOOK_EVENTS].sort());
  });

  it('makes secrets of 32 bytes, each another one', () => {
    expect(newSecret(bytes => bytes.fill(255))).toBe(`${'/'.repeat(42)}8=`);
    expect(newSecret()).not.toBe(newSecret());
  });
});
