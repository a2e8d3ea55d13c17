import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'able bold brave bright calm clean clever crisp eager fair fine fleet glad grand keen kind light lively merry mild neat nimble placid polite proud quick quiet rare salty serious sharp silent smart snug solid stately sunny sweet swift tidy trusty upbeat vivid warm whole wise witty worthy young zesty'.split(
    ' ',
  );
const NOUNS =
  'ant ape asp auk bass bear bee bird boar bug carp cat colt conch cow crab crane crow cub deer doe dove duck eel elk fawn finch fish flea fly foal fowl fox frog gnat goat goose grub gull hare hawk hen hog horse jay kit koi lamb lark loon lynx mare mink mole moose moth mouse mule newt owl ox panda perch pug quail ram rat ray robin roo rook seal shad shark sheep shoat shrew shrike shrimp skink skunk sloth slug smelt snail snake snipe sow sponge squid squirrel stag steed stoat stork swan tern toad trout turtle vole wasp whale wolf worm wren yak zebra'.split(
    ' ',
  );
const MOST = 1_000;

/** What something is called that nobody has named: `adjective-noun-N`. */
export function randomName(): string {
  const one = (words: string[]) => words[randomInt(words.length)];
  return `${one(ADJECTIVES)}-${one(NOUNS)}-${randomInt(MOST)}`;
}
