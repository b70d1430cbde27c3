using Confluent.Kafka;
using Recs.Domain;

namespace Recs.Ingest;

/// <summary>Errors of the Kafka client that a person can put right, as one line each.</summary>
internal static class KafkaRefusal
{
    public static RefusedException Of(KafkaConnection connection, string what, Error error, Exception? cause = null)
    {
        var isAway = error.Code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_Resolve;
        var advice = error.Code switch
        {
            _ when isAway => "the brokers do not answer; check the address and that they run",
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic => "the topic does not exist; create it",
            ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
                or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => "access is denied; check the credentials and the access rules",
            ErrorCode.MsgSizeTooLarge => "the message is larger than the brokers accept",
            _ when error.IsFatal => "the client cannot go on; start again",
            _ => "the brokers refused it",
        };
        var message = $"kafka at {connection.BootstrapServers}: {what}: {advice} ({error.Code}: {error.Reason})";
        cause ??= new KafkaException(error);
        return isAway ? new BrokersAwayException(message, cause) : new RefusedException(message, cause);
    }

    /// <summary>Errors after which reading can never go on by itself, or would go on with messages missing.</summary>
    public static bool EndsReading(Error error) => error.IsFatal || error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
        or ErrorCode.ClusterAuthorizationFailed or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed
        or ErrorCode.Local_BadMsg or ErrorCode.Local_BadCompression;
}
