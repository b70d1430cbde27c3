namespace Recs.Embedder;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum Pooling
{
    /// <summary>Their mean, without special tokens.</summary>
    Mean = 0,

    /// <summary>The last one that is no special token.</summary>
    Last = 1,
}
