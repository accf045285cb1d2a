import svelte from 'eslint-plugin-svelte'
import typescript from 'typescript-eslint'

/** Where a person would read it: `src-renderer/texts.ts` is the one place for words. Names of keys of one letter are no words. */
const wordsInPlace = 'Words that a person reads stand in src-renderer/texts.ts.'
const noWordsOutsideTexts = [
  'SvelteElement[name.name!=/^(style|kbd)$/] > SvelteText[value=/\\p{L}/u]',
  'SvelteElement[name.name="kbd"] > SvelteText[value=/\\p{L}\\p{L}/u]',
  'SvelteAttribute[key.name=/^(aria-(label|valuetext|description|roledescription|placeholder)|title|placeholder|alt|label|text|summary)$/] > SvelteLiteral[value=/\\p{L}\\p{L}/u]',
  'SvelteElement > SvelteMustacheTag > Literal[value=/\\p{L}/u]',
  'SvelteElement > SvelteMustacheTag > ConditionalExpression > Literal[value=/\\p{L}/u]',
  // In code, several words in a row that are no selector.
  ':not(CallExpression[callee.property.name=/^(closest|matches|querySelector|querySelectorAll)$/], CallExpression[callee.name="matchMedia"]) > Literal[value=/\\p{L}\\S* +\\S*\\p{L}/u]',
  'TemplateElement[value.cooked=/\\p{L}\\p{L}+ +\\p{L}\\p{L}/u]',
].map((selector) => ({ selector, message: wordsInPlace }))

export default typescript.config(
  { ignores: ['out/', 'node_modules/', 'src-main/engine/math/kernel/', 'test-results/'] },
  ...typescript.configs.recommended,
  ...svelte.configs.recommended,
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: typescript.parser } } },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-console': 'off',
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['src-renderer/**/*.svelte', 'src-renderer/**/*.ts'],
    // Icon.svelte holds outlines, and main.ts speaks to developers alone.
    ignores: ['src-renderer/texts.ts', 'src-renderer/components/Icon.svelte', 'src-renderer/main.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noWordsOutsideTexts] },
  },
  { files: ["**/*.cjs"], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
