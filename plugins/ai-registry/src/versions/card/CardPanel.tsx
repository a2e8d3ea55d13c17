import { ResponseError, toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Flex } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  Facts,
  Loaded,
  Markdown,
  Panel,
  useLive,
} from '@greenroom/ai-react';
import {
  type ModelCard,
  type ModelVersionDetail,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../../api/AiRegistryApi';
import { save } from '../../view/save';
import { cardFacts } from './cardFacts';
import { EditCardButton } from './EditCardButton';

/** The model card of a version: what its front matter says, and its text. */
export function CardPanel({ version }: { version: ModelVersionDetail }) {
  const { model, version: number } = version;
  const registry = useApi(aiRegistryApiRef);
  const [error, setError] = useState<Error>();
  const card = useLive(
    async (signal): Promise<{ card?: ModelCard }> => {
      try {
        return { card: await registry.getCard(model, number, { signal }) };
      } catch (failure) {
        if (failure instanceof ResponseError && failure.statusCode === 404) {
          return {};
        }
        throw failure;
      }
    },
    [model, number],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model,
      keepPrevious: true,
    },
  );
  const download = async () => {
    setError(undefined);
    try {
      const { text } = await registry.exportCard(model, number);
      save(new Blob([text], { type: 'text/markdown' }), 'README.md');
    } catch (failure) {
      setError(toError(failure));
    }
  };

  return (
    <Panel
      title="Model card"
      description="In the format of Hugging Face. Downloaded, it has also the licence, tags and evaluations that the registry knows."
    >
      <Loaded live={card} what="the model card" skeleton={[64]}>
        {value => (
          <>
            {value.card ? (
              <CardView card={value.card} />
            ) : (
              <EmptyState
                title="None yet"
                description="Put a README.md beside the model's files when you upload a version, or write one here."
              />
            )}
            <Flex gap="2">
              <EditCardButton
                version={version}
                card={value.card}
                onSaved={card.refresh}
              />
              <Button
                size="small"
                variant="secondary"
                iconStart={<RiDownloadLine />}
                onPress={download}
              >
                Download README.md
              </Button>
            </Flex>
          </>
        )}
      </Loaded>
      {error && <ErrorNotice title="It was not downloaded" error={error} />}
    </Panel>
  );
}

function CardView({ card }: { card: ModelCard }) {
  const facts = cardFacts(card.metadata);
  return (
    <>
      {card.problem && (
        <Alert
          status="warning"
          icon
          title="Its front matter is not understood"
          description={`The ${card.problem.replace(
            /^the /,
            '',
          )}. Licence and tags in it do not count until it is put right.`}
        />
      )}
      {facts.length > 0 && <Facts facts={facts} />}
      <Markdown text={card.markdown} />
    </>
  );
}
