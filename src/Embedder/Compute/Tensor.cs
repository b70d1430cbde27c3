namespace Recs.Embedder.Compute;

/// <summary>A row-major float32 buffer of a backend, one row a token. Made by <see cref="ICompute.Allocate"/>, used only with that backend.</summary>
internal abstract class Tensor(int columns)
{
    public int Columns { get; } = columns;

    /// <summary>Rows in use; the room behind them may be larger.</summary>
    public int Rows { get; protected set; }

    /// <summary>Sets the rows in use. The content is undefined afterwards.</summary>
    public abstract void Fit(int rows);
}

/// <summary>A weight matrix [Outputs, Inputs] in a backend's own layout. Read-only, shared by all threads, until it is disposed.</summary>
internal abstract class Matrix(int outputs, int inputs) : IDisposable
{
    public int Outputs { get; } = outputs;
    public int Inputs { get; } = inputs;

    public abstract void Dispose();
}

/// <summary>A weight vector, such as the gains of a norm. Read-only, shared by all threads.</summary>
internal abstract class Vector(int length)
{
    public int Length { get; } = length;
}

/// <summary>The token embeddings [vocabulary, hidden]. Read-only, shared by all threads.</summary>
internal abstract class EmbeddingTable(int rows, int columns)
{
    public int Rows { get; } = rows;
    public int Columns { get; } = columns;
}
