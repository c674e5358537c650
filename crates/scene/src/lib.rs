//! From a world and a moment to a picture made of plain shapes
