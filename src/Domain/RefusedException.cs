namespace Recs.Domain;

/// <summary>
/// Something the person who runs Recs can put right: a broken file, a wrong folder, a busy port, an unknown name.
/// The message is whole: it names the value, the limit, the place and what to do. Edges show it as one line
/// (exit code 1, or a problem+json answer); a broken assumption of our own throws another type.
/// </summary>
public class RefusedException : Exception
{
    /// <param name="message">One line for a person.</param>
    public RefusedException(string message) : base(message) { }

    /// <param name="message">One line for a person.</param>
    /// <param name="cause">What was met underneath; never shown without <paramref name="message"/>.</param>
    public RefusedException(string message, Exception cause) : base(message, cause) { }
}
