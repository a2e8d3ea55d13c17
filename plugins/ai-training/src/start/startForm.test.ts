import type { TemplateSpec } from '@greenroom/plugin-ai-training-common';
import { makeSpec } from '../__testUtils__/fixtures';
import {
  errorsOfRefusal,
  readStartForm,
  type StartForm,
  startForm,
} from './startForm';

const SPEC: TemplateSpec = makeSpec({
  parameters: [
    { name: 'epochs', type: 'integer', minimum: 1, maximum: 100, default: 10 },
    { name: 'rate', type: 'number' },
    { name: 'kind', type: 'string', choices: ['tree', 'net'], default: 'tree' },
    { name: 'note', type: 'string', default: '' },
    { name: 'fast', type: 'boolean', default: false },
  ],
  datasets: [{ name: 'rows', dataset: 'digits-rows' }],
  resources: { count: 1, nodes: 1, memory: '2Gi' },
});

const form = (changes: Partial<StartForm> = {}) => {
  const first = startForm(SPEC);
  return {
    ...first,
    ...changes,
    parameters: { ...first.parameters, rate: '0.1', ...changes.parameters },
  };
};

describe('startForm', () => {
  it('is opened as the template says', () => {
    expect(startForm(SPEC)).toEqual({
      name: '',
      parameters: {
        epochs: '10',
        rate: undefined,
        kind: 'tree',
        note: '',
        fast: 'false',
      },
      datasets: { rows: '' },
      backend: '',
      flavor: '',
      count: '1',
      nodes: '1',
      memory: '2Gi',
      cpu: '',
      priority: 'normal',
      deadlineMinutes: '60',
      team: 'group:default/vision-team',
    });
  });

  it('is opened as a job was, but for what the template does not allow any more', () => {
    const opened = startForm(SPEC, {
      name: 'old',
      parameters: { epochs: 400, rate: 0.5, kind: 'net', gone: 1 },
      datasets: [
        { name: 'rows', dataset: 'digits-rows', version: 3, digest: 'd' },
      ],
      resources: { count: 2, nodes: 1, flavor: 'a100' },
      priority: 'high',
      deadlineMinutes: 5,
      team: 'group:default/other',
      backend: 'local',
    });
    expect(opened).toMatchObject({
      name: '',
      parameters: { epochs: '10', rate: '0.5', kind: 'net' },
      datasets: { rows: '3' },
      backend: 'local',
      flavor: 'a100',
      count: '2',
      memory: '2Gi',
      priority: 'high',
      deadlineMinutes: '5',
      team: 'group:default/other',
    });
    expect(opened.parameters).not.toHaveProperty('gone');
  });

  it('gives the job to submit, with values of their types', () => {
    expect(
      readStartForm(
        form({ name: ' best ', datasets: { rows: '2' }, flavor: 'a100' }),
        SPEC,
      ),
    ).toEqual({
      job: {
        template: 'digits',
        name: 'best',
        parameters: {
          epochs: 10,
          rate: 0.1,
          kind: 'tree',
          note: '',
          fast: false,
        },
        datasets: { rows: 2 },
        resources: { count: 1, nodes: 1, flavor: 'a100', memory: '2Gi' },
        priority: 'normal',
        deadlineMinutes: 60,
        team: 'group:default/vision-team',
      },
    });
  });

  it.each([
    ['epochs', '', 'expected a whole number, got nothing'],
    ['epochs', '1.5', 'expected a whole number, got 1.5'],
    ['epochs', '0', 'expected at least 1, got 0'],
    ['epochs', '101', 'expected at most 100, got 101'],
    ['rate', 'fast', 'expected a number, got "fast"'],
    ['rate', 'Infinity', 'expected a number, got "Infinity"'],
    ['rate', undefined, 'expected a number, got nothing'],
    ['kind', 'forest', 'expected one of tree, net, got "forest"'],
    ['fast', 'perhaps', 'expected true or false, got nothing'],
  ])('says of %s %j: %s', (name, text, problem) => {
    expect(
      readStartForm(form({ parameters: { [name]: text } }), SPEC).errors,
    ).toEqual({ [`parameters.${name}`]: problem });
  });

  it.each([
    [{ count: '0' }, 'resources.count', 'expected at least 1, got 0'],
    [{ nodes: '257' }, 'resources.nodes', 'expected at most 256, got 257'],
    [{ memory: '2 GB' }, 'resources.memory', /quantity of Kubernetes/],
    [{ cpu: 'two' }, 'resources.cpu', /quantity of Kubernetes/],
    [{ deadlineMinutes: '' }, 'deadlineMinutes', /whole number, got nothing/],
    [{ team: 'vision' }, 'team', /entity ref such as/],
    [{ name: 'x'.repeat(251) }, 'name', /at most 250 characters, got 251/],
  ])('says of %j what is wrong with it', (changes, field, problem) => {
    const { errors } = readStartForm(form(changes), SPEC);
    expect(Object.keys(errors!)).toEqual([field]);
    expect(errors![field]).toMatch(problem);
  });

  it.each([
    [
      'parameters.epochs: expected at least 1, got 0',
      { 'parameters.epochs': 'expected at least 1, got 0' },
    ],
    [
      "resources.flavor: 'h900' is none, expected one of cpu",
      { 'resources.flavor': "'h900' is none, expected one of cpu" },
    ],
    [
      'datasets.rows: the version 9 is not there',
      { 'datasets.rows': 'the version 9 is not there' },
    ],
    [
      "team: you do not belong to 'group:default/x'",
      { team: "you do not belong to 'group:default/x'" },
    ],
    ['body/deadlineMinutes must be >= 1', { deadlineMinutes: 'must be >= 1' }],
    ['parameters.gone: the template has none of this name', undefined],
    ['spec.experiment: it is deleted', undefined],
    ['Something broke', undefined],
  ])('finds the field of the refusal %j', (message, errors) => {
    expect(errorsOfRefusal(message, SPEC)).toEqual(errors);
  });
});
