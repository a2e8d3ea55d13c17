import { useApi } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  Text,
  TextAreaField,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type {
  Rollout,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { ACTS } from './steering';

/** Asks before it is done, and for the reason where one is needed. */
export function SteerButton(props: {
  act: SteeringAct;
  rollout: Rollout;
  isDisabled: boolean;
  onSteered(): void;
}) {
  const { act, rollout, isDisabled, onSteered } = props;
  const { id, model, environment } = rollout;
  const words = ACTS[act];
  const inference = useApi(aiInferenceApiRef);
  const toast = useApi(toastApiRef);
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [isMissing, setMissing] = useState(false);
  const [state, steer] = useAsyncFn(async () => {
    const said = reason.trim();
    if (words.needsReason && said === '') {
      setMissing(true);
      return;
    }
    await inference.steerRollout(id, act, said === '' ? {} : { reason: said });
    toast.post({
      title: words.done(rollout),
      status: 'success',
      timeout: 5_000,
    });
    setOpen(false);
    setReason('');
    onSteered();
  }, [inference, toast, id, act, words, rollout, reason, onSteered]);

  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button
        size="small"
        variant="secondary"
        isDisabled={isDisabled}
        aria-label={`${words.label}: ${model} in ${environment}`}
      >
        {words.label}
      </Button>
      <Dialog>
        <DialogHeader>{`${words.label}: ${model} in ${environment}`}</DialogHeader>
        <DialogBody>
          <Text as="p">{words.explain(rollout)}</Text>
          <TextAreaField
            label="Reason"
            description="It stays in the rollout's history."
            isRequired={words.needsReason}
            rows={2}
            value={reason}
            onChange={value => {
              setReason(value);
              setMissing(false);
            }}
            // 'native' would hold it back with the browser's own bubbles.
            validationBehavior="aria"
            validate={() => (isMissing ? 'Say why: others will ask.' : null)}
          />
          {state.error && (
            <ErrorNotice title="It was not done" error={state.error} />
          )}
        </DialogBody>
        <DialogFooter>
          <Button
            variant="primary"
            destructive={act === 'abort'}
            isPending={state.loading}
            onPress={steer}
          >
            {words.label}
          </Button>
          <Button variant="secondary" slot="close">
            Cancel
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
