export { runtimeAnswersOf } from './runtime-answers.ts';
