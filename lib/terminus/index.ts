export {
  DokStampHealthIndicator,
  type DokStampHealthOptions,
} from './dokstamp.health-indicator.js';
