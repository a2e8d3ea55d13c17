/** Fields of Hugging Face's front matter that people look for, with what they are called here. */
const LABELS: Record<string, string> = {
  license: 'Licence',
  license_name: 'Name of the licence',
  license_link: 'Text of the licence',
  language: 'Language',
  base_model: 'Made from',
  datasets: 'Datasets',
  pipeline_tag: 'Task',
  library_name: 'Library',
  tags: 'Tags',
};

/** What the front matter of a card says in a word or a few; the rest of it is in the file. */
export function cardFacts(
  metadata: Record<string, unknown>,
): { label: string; value: string; wide: boolean }[] {
  return Object.entries(LABELS).flatMap(([key, label]) => {
    const said = [metadata[key] ?? []]
      .flat()
      .filter(one => ['string', 'number', 'boolean'].includes(typeof one));
    const value = said.join(', ');
    return value ? [{ label, value, wide: value.length > 40 }] : [];
  });
}
