export { type ClassifierOptions, classifier, encoderGraph } from './classifier.ts';
