export interface Sentence {
  readonly set: string;
  readonly text: string;
  readonly positive: boolean;
}

const PACKAGE = 'npm:sentiment@5.0.2/test/fixtures';

/** The three parts of "Sentiment Labelled Sentences", as a package carries them, pinned by digest. */
export const sentenceSets = [
  {
    name: 'imdb',
    source: `${PACKAGE}/imdb.json`,
    sha256: '44a7b9082ed732ee2de3c858ea5ee2e99aca34f239a1c4359d3a300bf099bdb5',
  },
  {
    name: 'amazon',
    source: `${PACKAGE}/amazon.json`,
    sha256: 'bc5eb0cac49fc45987301f1dc2d02cf5ca356ba6c882be179dce77d74e666ed9',
  },
  {
    name: 'yelp',
    source: `${PACKAGE}/yelp.json`,
    sha256: '9f3f47983f21eeb819380767b74bfa648eca208f156241111454b3e122773ff7',
  },
] as const;

/** Each file ends with an empty row whose class is null, which is left out. */
export function parseSentences(set: string, json: string): Sentence[] {
  const rows = JSON.parse(json) as readonly { readonly text: string; readonly class: 0 | 1 | null }[];
  return rows
    .filter((row) => row.class !== null && row.text.trim() !== '')
    .map((row) => ({ set, text: row.text, positive: row.class === 1 }));
}
