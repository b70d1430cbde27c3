namespace Recs.Embedder.Planning;

/// <summary>What a tensor of the text model belongs to.</summary>
public enum ModelPart
{
    /// <summary>The token table: a row a token is read, never the whole.</summary>
    Embeddings = 0,

    /// <summary>Query, key, value and output projections.</summary>
    Attention = 1,

    /// <summary>Gains of the norms.</summary>
    Norms = 2,

    /// <summary>The matrices that choose an expert.</summary>
    Routers = 3,

    /// <summary>The expert that every token of a layer with experts goes through.</summary>
    SharedExperts = 4,

    /// <summary>The experts of which a token takes one a layer.</summary>
    RoutedExperts = 5,

    /// <summary>The feed-forward of layers without experts.</summary>
    Dense = 6,
}
