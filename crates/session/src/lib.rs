//! Intents, playback, recipes, scenarios: what the page and the command line share
