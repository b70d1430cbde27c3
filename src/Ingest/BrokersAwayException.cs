using Recs.Domain;

namespace Recs.Ingest;

/// <summary>The brokers did not answer in time: another try may do. What was tried may be on the stream all the same.</summary>
public sealed class BrokersAwayException : RefusedException
{
    /// <param name="message">One line for a person.</param>
    /// <param name="cause">What the client said.</param>
    public BrokersAwayException(string message, Exception cause) : base(message, cause) { }
}
